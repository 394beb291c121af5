"""The commands of ours that mend something, as they are typed for this account or this local cloud."""

from dataclasses import dataclass

from ops.session import CloudSession


@dataclass(frozen=True)
class Mending:
    setup: str
    replay: str
    resume: str


def mending_for(session: CloudSession, account_id: str) -> Mending:
    setup, replay, resume = "snapimage setup", "snapimage replay --from-dead-letters --to fc3", "snapimage resume"
    if session.local:
        where = f" --endpoint {session.local}"
        return Mending(f"{setup}{where} --out policies", replay + where, resume + where)
    queues = f"https://{account_id}.mns.{session.region}.aliyuncs.com"
    functions = f"https://{account_id}.{session.region}.fc.aliyuncs.com"
    settings = f"SNAPIMAGE_MNS_ENDPOINT={queues} SNAPIMAGE_FC_ENDPOINT={functions}"
    return Mending(f"{setup} --endpoint {queues} --out policies", f"{settings} {replay}", resume)
