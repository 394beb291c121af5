"""Who names images, as ECS and ESS spell it (API references DescribeLaunchTemplates, DescribeLaunchTemplateVersions,
DescribeImagePipelines; ESS DescribeScalingConfigurations)."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from shared.adapters.ecs_client import EcsCalls, token_pages
from shared.adapters.generic_calls import GenericCalls
from shared.adapters.replies import (
    MOST_PAGES,
    listed,
    not_understood,
    read_pages,
    resource_id,
    understand,
    whole,
    words,
)
from shared.domain.retirement_facts import Naming
from shared.retirement_ports import LaunchTemplate

TEMPLATES, VERSIONS = "DescribeLaunchTemplates", "DescribeLaunchTemplateVersions"
PIPELINES, CONFIGURATIONS = "DescribeImagePipelines", "DescribeScalingConfigurations"
PAGE = 50
"""The most of ESS (alibabacloud-ess20220222 1.13.3); that of launch templates is not stated."""
PIPELINES_PAGE = 500
Numbered = Iterator[list[Any]]


class EcsImageUsers:
    def __init__(self, calls: EcsCalls, ess: GenericCalls) -> None:
        self._calls = calls
        self._ess = ess

    def launch_templates(self) -> list[LaunchTemplate]:
        from alibabacloud_ecs20140526.models import DescribeLaunchTemplatesRequest

        def page(number: int) -> tuple[list[Any], int]:
            request = DescribeLaunchTemplatesRequest(
                region_id=self._calls.region_id, page_number=number, page_size=PAGE
            )
            reply = self._calls.call(TEMPLATES, request)
            entries = listed(TEMPLATES, lambda: reply.launch_template_sets.launch_template_set)
            return entries, understand(TEMPLATES, lambda: whole(reply.total_count))

        return read_pages(TEMPLATES, _numbered(TEMPLATES, page), _template)

    def versions(self, template_id: str) -> list[Naming]:
        """DetailFlag, or there is no image in it."""
        from alibabacloud_ecs20140526.models import DescribeLaunchTemplateVersionsRequest

        def page(number: int) -> tuple[list[Any], int]:
            request = DescribeLaunchTemplateVersionsRequest(
                region_id=self._calls.region_id, launch_template_id=template_id, detail_flag=True, page_number=number,
                page_size=PAGE,
            )  # fmt: skip
            reply = self._calls.call(VERSIONS, request)
            entries = listed(VERSIONS, lambda: reply.launch_template_version_sets.launch_template_version_set)
            return entries, understand(VERSIONS, lambda: whole(reply.total_count))

        return read_pages(VERSIONS, _numbered(VERSIONS, page), _version)

    def scaling_configurations(self) -> list[Naming]:
        def page(number: int) -> tuple[list[Any], int]:
            query = {"RegionId": self._ess.region_id, "PageNumber": str(number), "PageSize": str(PAGE)}
            reply = self._ess.call(CONFIGURATIONS, query)
            entries = listed(CONFIGURATIONS, lambda: reply["ScalingConfigurations"])
            return entries, understand(CONFIGURATIONS, lambda: whole(reply["TotalCount"]))

        pages = _numbered(CONFIGURATIONS, page)
        return [naming for naming in read_pages(CONFIGURATIONS, pages, _configuration) if naming is not None]

    def image_pipelines(self) -> list[Naming]:
        from alibabacloud_ecs20140526.models import DescribeImagePipelinesRequest as Request

        entries_of = attrgetter("image_pipeline.image_pipeline_set")
        pages = token_pages(self._calls, PIPELINES, Request, entries_of, max_results=PIPELINES_PAGE)
        return read_pages(PIPELINES, pages, _pipeline)


def _numbered(action: str, page: Any) -> Numbered:
    """Every page. One that comes back empty before all were seen is an error: a part of a listing guards nothing."""
    seen = 0
    for number in range(1, MOST_PAGES):
        entries, total = page(number)
        seen += len(entries)
        yield entries
        if seen >= total:
            return
        if not entries:
            break
    raise not_understood(action, f"it shows {seen} and says there are more")


def _template(entry: Any) -> LaunchTemplate:
    """A template is edited by a new version; the number and the time of the last one show it."""
    edition = f"{whole(entry.latest_version_number)} {words(entry.modified_time)}"
    return LaunchTemplate(resource_id(entry.launch_template_id), edition)


def _version(entry: Any) -> Naming:
    data = entry.launch_template_data
    disks = (data.data_disks.data_disk if data and data.data_disks else None) or []
    who = f"launch template {words(entry.launch_template_id)} version {whole(entry.version_number)}"
    return Naming(who, words(data.image_id) if data else "", "", _snapshots(disk.snapshot_id for disk in disks))


def _configuration(entry: dict[str, Any]) -> Naming | None:
    """None for one that is not active; a state that ESS may add some day counts as active."""
    if words(entry.get("LifecycleState")).lower() == "inactive":
        return None
    who = f"scaling configuration {words(entry.get('ScalingConfigurationId'))}"
    snapshots = _snapshots(disk.get("SnapshotId") for disk in entry.get("DataDisks") or [])
    return Naming(who, words(entry.get("ImageId")), words(entry.get("ImageName")), snapshots)


def _pipeline(entry: Any) -> Naming:
    """BaseImageType IMAGE names an image, IMAGE_FAMILY a family, whose newest image is kept anyway."""
    is_image = words(entry.base_image_type).upper() != "IMAGE_FAMILY"
    return Naming(f"image pipeline {words(entry.image_pipeline_id)}", words(entry.base_image) if is_image else "")


def _snapshots(ids: Iterator[Any]) -> tuple[str, ...]:
    return tuple(words(each) for each in ids if each)
