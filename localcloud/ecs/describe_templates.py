"""DescribeLaunchTemplates, DescribeLaunchTemplateVersions and DescribeImagePipelines."""

from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction, every
from localcloud.ecs.errors import EcsError
from localcloud.ecs.paging import numbered_page
from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsStore
from localcloud.ecs.times import iso
from localcloud.users import ImagePipeline, TemplateVersion, WorldLaunchTemplate

MOST = 50
"""Of templates and versions in a page. The documents state no maximum."""


def describe_launch_templates(store: EcsStore, params: Params) -> dict[str, Any]:
    page, facts = numbered_page(params, list(store.templates.values()), MOST)
    return {"LaunchTemplateSets": {"LaunchTemplateSet": [_template(each, store) for each in page]}, **facts}


def describe_launch_template_versions(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference: only DetailFlag brings what the versions hold; a template must be named."""
    template = store.templates.get(params.required("LaunchTemplateId"))
    if template is None:
        raise EcsError(errors.TEMPLATE_NOT_FOUND, id=params.required("LaunchTemplateId"))
    page, facts = numbered_page(params, list(enumerate(template.versions, 1))[::-1], MOST)
    is_full = params.boolean("DetailFlag") is True
    answers = [_version(template, number, version, is_full) for number, version in page]
    return {"LaunchTemplateVersionSets": {"LaunchTemplateVersionSet": answers}, **facts}


def describe_image_pipelines(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference: pages by token, at most 500 in one."""
    size, token = params.integer("MaxResults", 1, 500) or 50, params.text("NextToken")
    if token is not None and not token.isdecimal():
        raise EcsError(errors.BAD_PARAMETER, name="NextToken", value=token, why="no answer held it")
    start, pipelines = int(token or 0), list(store.pipelines.values())
    page = pipelines[start : start + size]
    more = start + size < len(pipelines)
    return {
        "ImagePipeline": {"ImagePipelineSet": [_pipeline(each) for each in page]},
        "NextToken": str(start + size) if more else "",
        "MaxResults": size,
        "TotalCount": len(pipelines),
    }


def _template(template: WorldLaunchTemplate, store: EcsStore) -> dict[str, Any]:
    moment = iso(template.modified.timestamp() if template.modified else store.world.start_time().timestamp())
    return {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name or template.id,
        "DefaultVersionNumber": 1,
        "LatestVersionNumber": len(template.versions),
        "CreateTime": moment,
        "ModifiedTime": moment,
    }


def _version(template: WorldLaunchTemplate, number: int, version: TemplateVersion, is_full: bool) -> dict[str, Any]:
    disks = [{"SnapshotId": each} for each in version.snapshots]
    held = {"ImageId": version.image, "DataDisks": {"DataDisk": disks}}
    return {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name or template.id,
        "VersionNumber": number,
        "DefaultVersion": number == 1,
        **({"LaunchTemplateData": held} if is_full else {}),
    }


def _pipeline(pipeline: ImagePipeline) -> dict[str, Any]:
    return {"ImagePipelineId": pipeline.id, "BaseImageType": pipeline.base_type, "BaseImage": pipeline.base}


ACTIONS = {
    "DescribeLaunchTemplates": ApiAction(
        describe_launch_templates, "RegionId PageNumber PageSize", every("launchtemplate")
    ),
    "DescribeLaunchTemplateVersions": ApiAction(
        describe_launch_template_versions,
        "RegionId LaunchTemplateId DetailFlag PageNumber PageSize",
        lambda params: [f"launchtemplate/{params.required('LaunchTemplateId')}"],
    ),
    "DescribeImagePipelines": ApiAction(
        describe_image_pipelines, "RegionId MaxResults NextToken", every("imagepipeline")
    ),
}
