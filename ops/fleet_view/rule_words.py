"""Which rule made a decision, in words: one sentence for each way in which `decide` can end."""

from shared.domain.answers import Answer
from shared.domain.decision import Adopt, Fail, Make, Settled, TryLater, Wait
from shared.domain.message_fields import Reason
from shared.domain.outcome import Word
from shared.domain.rules import Skip

SKIPS = {
    Reason.NOT_SYSTEM_DISK: "Only a system disk's snapshot makes an image.",
    Reason.SNAPSHOT_TYPE_EXCLUDED: "A plan takes the snapshot types that it names.",
    Reason.SNAPSHOT_EXCLUDED: "What an `except_...` of the plan names is left aside.",
    Reason.NO_PLAN: "No plan has filters that all let it pass.",
    Reason.PLAN_DISABLED: "A disabled plan makes nothing.",
    Reason.BEFORE_SINCE: "A plan counts from its `since` on.",
    Reason.MACHINE_UNKNOWN: "A plan that goes by the machine needs to know it; a sweep begins no such wait by itself.",
    Reason.WINDOW_OVER: "The sweep does not look back further than the window.",
}
FAILS = {
    Reason.SNAPSHOT_FAILED: "A failed snapshot makes no image.",
    Reason.MACHINE_UNKNOWN: "The machine stayed unknown until the wait was over.",
    Reason.DATA_DISKS_UNKNOWN: "Which disks belonged to the machine cannot be known, and it is not guessed.",
    Reason.DATA_DISK_SNAPSHOT_MISSING: "A data disk has no snapshot of this run, the wait is over, and `on_missing` is `fail`.",
    Reason.TOO_MANY_DATA_DISKS: "An image holds at most 16 data disks.",
    Reason.DATA_DISK_WITHOUT_SNAPSHOTS: "ECS cannot snapshot a disk that the plan lists.",
}
ENDS = {
    Word.REQUESTED: "An image was asked for already; track_images follows it.",
    Word.MAKING: "Its image is being made already; track_images follows it.",
    Word.AVAILABLE: "An end is an end: its image was told usable.",
    Word.FAILED: "An end is an end: it was told failed. `snapimage forget` has it tried again.",
    Word.REFUSED: "ECS refused it within the last hour; it is tried again at most hourly.",
}


def rule_of(answer: Answer) -> str:
    match answer.known.decision:
        case Settled(outcome):
            return ENDS.get(outcome.word, "It was decided before.")
        case Adopt():
            return "An image of this snapshot is there: it is adopted, and no second one is made."
        case Make(request):
            left = f" without {', '.join(request.disk_set.left_out)}" if request.disk_set.left_out else ""
            return f"A plan wants it and its disk set is complete{left}: an image is asked for."
        case Wait(reason=Reason.MACHINE_UNKNOWN):
            return "The machine is not known yet, and there is still time."
        case Wait():
            return "A disk's snapshot is to come or in progress, and there is still time."
        case Skip(reason):
            return SKIPS.get(reason, "It is not for us.")
        case Fail(reason):
            return FAILS.get(reason, "ECS refused it, or it was given up before.")
        case TryLater("NotGivenUpYet"):
            return "A sweep does not give up at once what nobody remembers anything of: its event may be on its way."
        case TryLater():
            text = answer.trouble.code if answer.trouble else "nothing can be decided now"
            return f"Nothing is decided now ({text}); the sweep looks again."
