"""The HTTP surface of registry: every router, in one list."""

from fastapi import FastAPI

from registry.allowances.routes import router as allowances
from registry.appeals.routes import router as appeals
from registry.breaches.routes import router as breaches
from registry.categories.routes import router as categories
from registry.clearances.routes import router as clearances
from registry.clock.routes import router as clock
from registry.departments.routes import router as departments
from registry.divisions.routes import router as divisions
from registry.draws.routes import router as draws
from registry.duties.routes import router as duties
from registry.entries.routes import router as entries
from registry.evaluations.routes import router as evaluations
from registry.events.routes import person_router as person_events
from registry.events.routes import router as events
from registry.exports.routes import router as exports
from registry.feed.routes import router as feed
from registry.figures.routes import page as figures_page
from registry.figures.routes import router as figures
from registry.findings.routes import router as findings
from registry.gaps.routes import router as gaps
from registry.hospital_departments.routes import router as hospital_departments
from registry.identity.key_routes import router as keys
from registry.identity.routes import router as clients
from registry.identity.signing import check_with_own_keys
from registry.identity.token_routes import router as tokens
from registry.ledger.routes import router as ledger
from registry.licences.routes import router as licences
from registry.onboarding.routes import router as onboarding
from registry.organisation.routes import router as organisation
from registry.overdue.routes import router as overdue
from registry.people.disclosure_routes import router as disclosures
from registry.people.exemption_routes import router as exemptions
from registry.people.routes import router as people
from registry.plans.routes import router as plans
from registry.plans.routes import unit_router as plans_of_units
from registry.rechecks.routes import router as rechecks
from registry.referrals.routes import router as referrals
from registry.residents.routes import router as residents
from registry.responsibility.routes import router as responsibility
from registry.rounds.routes import router as rounds
from registry.sampling_days.routes import router as sampling_days
from registry.settings import RegistrySettings
from registry.shares.routes import router as shares
from registry.shares.routes import unit_router as shares_of_units
from registry.sheets.routes import kinds_router as sheets
from registry.sheets.routes import router as imports
from registry.spot_checks.routes import router as spot_checks
from registry.statuses.routes import router as statuses
from registry.surveys.routes import router as surveys
from registry.surveys.suggestion_routes import router as suggestions
from registry.teams.routes import router as teams
from registry.transfers.routes import router as transfers
from registry.units.routes import attribute_router as attributes
from registry.units.routes import defect_router as map_defects
from registry.units.routes import map_router as industry_map
from registry.units.routes import router as units
from shared.web.app import OpenContext, create_app

# The most asked first: a request is matched with one router after another.
ROUTERS = (
    statuses,
    feed,
    tokens,
    clients,
    allowances,
    keys,
    departments,
    units,
    industry_map,
    map_defects,
    attributes,
    people,
    exemptions,
    transfers,
    person_events,
    events,
    disclosures,
    categories,
    ledger,
    clearances,
    overdue,
    entries,
    findings,
    breaches,
    spot_checks,
    shares,
    shares_of_units,
    figures,
    figures_page,
    draws,
    plans,
    plans_of_units,
    appeals,
    rechecks,
    referrals,
    sampling_days,
    evaluations,
    divisions,
    residents,
    teams,
    rounds,
    responsibility,
    duties,
    organisation,
    hospital_departments,
    licences,
    onboarding,
    surveys,
    suggestions,
    gaps,
    clock,
    imports,
    sheets,
    exports,
)


def create(settings: RegistrySettings | None = None, *, opened: OpenContext | None = None) -> FastAPI:
    """Return the app: `uvicorn --factory registry.app:create`; `opened` replaces the context (tests)."""
    return create_app(
        service="registry",
        title="登记 Registry",
        description="单位、人员、类别与规则、台账、健康码状态及其变更流。\n\n"
        "Units, people, categories and rules, the ledger, statuses and their feed.",
        settings=settings or RegistrySettings(),
        routers=ROUTERS,
        opened=opened,
        on_start=check_with_own_keys,
    )
