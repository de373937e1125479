"""What the simulator prints. Rendering only."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.demo.posting import VERDICTS, seen_verdicts
from deploy.simulator.play import Played


def print_played(console: Console, played: Mapping[str, Played]) -> bool:
    """Print a line per laboratory, planned and got, and return whether all went as planned."""
    table = Table(title="模拟检测机构 Laboratories of different temper", title_justify="left")
    for name in ("检测机构 lab", "性情 temper", "批次 batches", "重传 repeated", *VERDICTS, "as planned"):
        table.add_column(name, justify="left" if "lab" in name or "temper" in name else "right")
    for lab_code, one in sorted(played.items()):
        planned = sum((batch.planned() for batch in one.day.batches), Counter[str]())
        got = sum((seen_verdicts(each) for each in one.posted), Counter[str]())
        counts = [f"{got[verdict]}/{planned[verdict]}" for verdict in VERDICTS]
        said = "yes" if one.as_planned else "NO"
        table.add_row(lab_code, one.temper, str(len(one.posted)), str(one.repeated), *counts, said)
    console.print(table)
    for lab_code, one in sorted(played.items()):
        for fault in one.faults:
            console.print(f"[red]{lab_code}[/red] {fault}")
    good = all(one.as_planned for one in played.values())
    verdict = (
        "[green]一致 Every row ended as planned.[/green]" if good else "[red]不一致 Not as planned.[/red]"
    )
    console.print(verdict)
    return good


def print_report(console: Console, report: Mapping[str, Any]) -> bool:
    """Print the report of a conformance check, a line per step, and return whether it was passed."""
    title = f"符合性检查 Conformance check {report['script']} · {report['lab_code']} · {report['run']}"
    table = Table(title=title, title_justify="left")
    for name in ("项目 case", "步骤 step", "应为 expected", "实得 got", "结果"):
        table.add_column(name)
    for case in report["cases"]:
        for step in case["steps"]:
            name = f"{case['zh']}\n{case['en']}" if step["step"] == 0 else ""
            wanted, got = (json.dumps(step[side], ensure_ascii=False) for side in ("expected", "got"))
            said = "[green]通过 ok[/green]" if step["passed"] else "[red]不符 differs[/red]"
            table.add_row(name, str(step["step"] + 1), wanted, "=" if wanted == got else got, said)
    console.print(table)
    good = bool(report["passed"])
    console.print("[green]通过 Passed[/green]" if good else "[red]未通过 Not passed[/red]")
    return good
