"""What became of a snapshot that an operator named, for a terminal."""

from ops.fleet_view.words import indented, printable
from shared.adapters.ecs_images import to_wire
from shared.domain.answers import Answer
from shared.domain.image_request import ImageRequest


def show_answer(answer: Answer) -> str:
    """ECS's words and people's names are among them: a terminal obeys none of them."""
    status, trouble = answer.status, answer.trouble
    name = answer.matter.snapshot_id or "?"
    if status is None:
        text = f"{name}  postponed  {trouble}; try again, or leave it to the sweep" if trouble else f"{name}  postponed"
    else:
        text = f"{name}  {status.state.value}/{status.reason.value}  {status.image_id or '-'}  {status.explanation}"
    return printable(text)


def show_request(request: ImageRequest) -> str:
    return "\n".join([f"{request.snapshot_id}  would make {request.name}", *indented(to_wire(request).to_map())])
