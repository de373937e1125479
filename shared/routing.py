"""Who hears what: the whole event architecture on one screen.

A message name maps to its consumers. Whether a delivery is urgent is said when it is published.
"""

from typing import Final

REGISTRY: Final = "registry"
RESULTS_INGEST: Final = "results-ingest"
NOTIFIER: Final = "notifier"

ROUTES: Final[dict[str, tuple[str, ...]]] = {
    # registry speaks
    "department.changed": (NOTIFIER, RESULTS_INGEST),
    "unit.changed": (NOTIFIER, RESULTS_INGEST),
    "identities.changed": (RESULTS_INGEST,),
    "round.changed": (RESULTS_INGEST,),
    "teams.changed": (RESULTS_INGEST,),
    "round.counted": (RESULTS_INGEST, NOTIFIER),
    "statuses.numbered": (RESULTS_INGEST,),
    "statuses.shown": (RESULTS_INGEST,),
    "order.changed": (RESULTS_INGEST,),
    "contacts.changed": (NOTIFIER,),
    "unit.evaluated": (NOTIFIER,),
    "evaluation.finished": (NOTIFIER,),
    "finding.recorded": (NOTIFIER,),
    "share.missed": (NOTIFIER,),
    "week.breached": (NOTIFIER,),
    "week.judged": (NOTIFIER,),
    "appeal.changed": (NOTIFIER,),
    "referral.changed": (NOTIFIER,),
    "finding.ended": (NOTIFIER,),
    "gaps.sent": (NOTIFIER,),
    "contact.lapsed": (NOTIFIER,),
    "duties.changed": (NOTIFIER,),
    # results-ingest speaks
    "batch.part_received": (RESULTS_INGEST,),
    "samples.bound": (REGISTRY,),
    "results.applied": (REGISTRY,),  # registry too, for the negatives that are not plain after all
    "negatives.applied": (REGISTRY,),
    "review.recorded": (REGISTRY,),
    "things.resulted": (REGISTRY,),
    "round.sites_late": (NOTIFIER,),
    "round.visible": (NOTIFIER,),
    "intake.counted": (NOTIFIER,),
    "samples.held_up": (NOTIFIER,),
    "alarm.raised": (NOTIFIER,),
    "alarm.reviewed": (NOTIFIER,),
    "recheck.ordered": (NOTIFIER,),
    "resample.ordered": (NOTIFIER,),
    "venue.reported": (NOTIFIER,),
    "clocks.told": (NOTIFIER,),
    "order.timed": (REGISTRY,),
    "lab.origin_changed": (REGISTRY,),
    "stages.digested": (NOTIFIER,),
    "lab.silence": (NOTIFIER,),
}


def queue_name(consumer: str, *, urgent: bool) -> str:
    """Return the Redis queue of a consumer (contract §1)."""
    return f"{consumer}-urgent" if urgent else consumer
