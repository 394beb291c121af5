"""What s.yaml may say, strictly: the platform's own tool lets an unknown or misspelled key pass without a word.

Names and ranges: Serverless Devs, component fc3; FunctionProps Compute help, "EventBridgeTriggerConfig" (2023-03-30).
"""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DeliveryOption(Strict):
    eventSchema: Literal["CloudEvents", "RawData"]
    mode: Literal["event-driven", "event-streaming"] | None = None


class EventSink(Strict):
    deliveryOption: DeliveryOption


class EventSource(Strict):
    eventSourceType: Literal["Default"]
    eventSourceParameters: Annotated[dict[str, Any], Field(max_length=0)]


class RunOptions(Strict):
    mode: Literal["event-driven"]
    """The default bus knows no other; the options for streams have no effect on it."""


class EventBridgeConfig(Strict):
    triggerEnable: bool
    asyncInvocationType: bool
    eventRuleFilterPattern: str
    eventSourceConfig: EventSource
    eventSinkConfig: EventSink
    runOptions: RunOptions

    @field_validator("eventRuleFilterPattern")
    @classmethod
    def _is_a_pattern(cls, text: str) -> str:
        Pattern.model_validate(json.loads(text))
        return text


class Pattern(Strict):
    source: list[str]
    type: list[str]


class TimerConfig(Strict):
    enable: bool
    cronExpression: Annotated[str, Field(pattern=r"^(@every \d+[smh]|(CRON_TZ=\S+ )?(\S+ ){5}\S+)$")]
    payload: str


class EventTrigger(Strict):
    triggerName: Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_-]{0,127}$")]
    triggerType: Literal["eventbridge"]
    triggerConfig: EventBridgeConfig


class TimerTrigger(Strict):
    triggerName: Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_-]{0,127}$")]
    triggerType: Literal["timer"]
    triggerConfig: TimerConfig


class Destination(Strict):
    destination: Annotated[str, Field(pattern=r"^acs:mns:[^:]+:[^:]+:/queues/[A-Za-z0-9-]+/messages$")]


class Destinations(Strict):
    onFailure: Destination


class AsyncConfig(Strict):
    maxAsyncRetryAttempts: Annotated[int, Field(ge=0, le=8)]
    maxAsyncEventAgeInSeconds: Annotated[int, Field(ge=1, le=604800)]
    """Three pages give three upper bounds; this is the smallest."""
    destinationConfig: Destinations | None = None
    asyncTask: bool = False


class Concurrency(Strict):
    reservedConcurrency: Annotated[int, Field(ge=1)]


class FunctionProps(Strict):
    """One function's properties, templates merged."""

    functionName: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
    region: str
    description: str
    runtime: Literal["python3.10", "python3.12"]
    handler: Literal["handler.handler"]
    code: str
    role: Annotated[str, Field(pattern=r"^acs:ram::\d+:role/[a-z0-9-]+$")]
    memorySize: Annotated[int, Field(ge=128, le=32768, multiple_of=64)]
    cpu: Annotated[float, Field(ge=0.05, le=16)]
    diskSize: Literal[512, 10240]
    timeout: Annotated[int, Field(ge=1, le=86400)]
    logConfig: Literal["auto"]
    environmentVariables: dict[str, str]
    concurrencyConfig: Concurrency
    asyncInvokeConfig: AsyncConfig
    triggers: list[EventTrigger | TimerTrigger]
