"""The documentation in a real browser: it renders, works, and asks nobody outside for anything."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Request, async_playwright

from tests.support.listening import Listening, listening_on
from tests.support.servers import Address, Clones
from tests.support.system import PACKAGES

pytestmark = pytest.mark.asyncio(loop_scope="module")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Watch:
    """What a page asks for and complains about."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def on(self, page: Page) -> None:
        """Watch a page."""
        page.on("request", self._asked)
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.requests.append(request.url)

    def outside(self) -> list[str]:
        """Return the requests that left this machine."""
        return [url for url in self.requests if urlsplit(url).hostname != "127.0.0.1"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def listening(servers: Address, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Listening]:
    async with Clones(servers, "browser") as clones:
        database = await clones.make()
        async with listening_on(servers, database, tmp_path_factory.mktemp("data")) as listening:
            yield listening
        await clones.drop(database)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        pytest.skip(
            f"no browser is installed (looked for {', '.join(BROWSERS)}): the pages were not rendered"
        )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context()  # without the others' cache and credentials
    yield await context.new_page()
    await context.close()


async def operations_of(url: str) -> int:
    """Return how many operations the service's OpenAPI document declares; one is shown under each tag."""
    async with httpx.AsyncClient() as http:
        document = (await http.get(f"{url}/openapi.json")).json()
    return sum(len(each["tags"]) for methods in document["paths"].values() for each in methods.values())


@pytest.mark.parametrize("service", PACKAGES)
async def test_docs_show_every_operation_and_ask_nobody_outside(
    listening: Listening, page: Page, service: str
) -> None:
    watch = Watch()
    watch.on(page)
    url = listening.urls[service]
    await page.goto(f"{url}/docs")
    await page.wait_for_selector(".opblock")
    assert await page.locator(".opblock").count() == await operations_of(url)
    await page.wait_for_load_state("networkidle")
    assert len(watch.requests) >= 5
    assert watch.outside() == []
    assert watch.complaints == []


@pytest.mark.parametrize("service", PACKAGES)
async def test_authorize_works_with_a_client_s_id_and_secret(
    listening: Listening, page: Page, service: str
) -> None:
    watch = Watch()
    watch.on(page)
    await page.goto(f"{listening.urls[service]}/docs")
    await authorize(page, listening.client_id, listening.client_secret)
    await page.locator(".modal-ux .btn-done").click()
    status = await execute(page, "list_dead_letters")
    assert status == "200"
    assert watch.outside() == []
    assert watch.complaints == []


async def test_authorize_says_so_when_the_secret_is_wrong(listening: Listening, page: Page) -> None:
    await page.goto(f"{listening.urls['notifier']}/docs")
    await fill(page, listening.client_id, "wrong")
    await page.wait_for_selector(".modal-ux .errors")
    assert await page.locator(".modal-ux button", has_text="Logout").count() == 0


async def test_each_landing_page_leads_to_all_three(listening: Listening, page: Page) -> None:
    watch = Watch()
    watch.on(page)
    targets = list(PACKAGES)
    for number, service in enumerate(targets):
        await page.goto(f"{listening.urls[service]}/")
        links = await page.locator(".services a", has_text="接口文档").evaluate_all(
            "all => all.map(a => a.href)"
        )
        assert links == [f"{listening.urls[each]}/docs" for each in targets]
        await page.locator(".services li").nth((number + 1) % 3).get_by_text("接口文档").click()
        await page.wait_for_selector(".opblock")
    assert watch.outside() == []
    assert watch.complaints == []


async def fill(page: Page, client_id: str, secret: str) -> None:
    """Open Swagger UI's dialogue, fill it in and send it."""
    await page.locator(".btn.authorize").click()
    dialogue = page.locator(".modal-ux .auth-container")
    await dialogue.locator("[data-name=clientId], #client_id_clientCredentials").fill(client_id)
    await dialogue.locator("[data-name=clientSecret], #client_secret_clientCredentials").fill(secret)
    await dialogue.locator("button", has_text="Authorize").click()


async def authorize(page: Page, client_id: str, secret: str) -> None:
    """Press Authorize and wait until the dialogue offers to log out."""
    await fill(page, client_id, secret)
    await page.locator(".modal-ux button", has_text="Logout").wait_for()


async def execute(page: Page, operation: str) -> str:
    """Try an operation out and return the status that the page shows."""
    block = page.locator(f".opblock[id$={operation}]")
    await block.locator(".opblock-summary-control").click()
    await block.locator(".try-out__btn").click()
    await block.locator(".execute").click()
    shown = block.locator(".live-responses-table .response-col_status").nth(1)
    return (await shown.inner_text()).strip()
