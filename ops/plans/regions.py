"""The regions of Alibaba Cloud, for a plan or a setting that names none of them."""

from files.yaml_words import did_you_mean

REGIONS = frozenset({
    "cn-beijing", "cn-chengdu", "cn-fuzhou", "cn-guangzhou", "cn-hangzhou", "cn-heyuan", "cn-hongkong",
    "cn-huhehaote", "cn-nanjing", "cn-qingdao", "cn-shanghai", "cn-shenzhen", "cn-wuhan-lr", "cn-wulanchabu",
    "cn-zhangjiakou", "cn-zhengzhou-jva", "cn-zhongwei", "ap-northeast-1", "ap-northeast-2", "ap-southeast-1",
    "ap-southeast-3", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ap-southeast-8", "eu-central-1",
    "eu-west-1", "me-central-1", "me-east-1", "na-south-1", "us-east-1", "us-southeast-1", "us-west-1",
    "cn-beijing-finance-1", "cn-hangzhou-finance", "cn-heyuan-acdr-1", "cn-north-2-gov-1", "cn-shanghai-finance-1",
    "cn-shenzhen-finance-1",
})  # fmt: skip
"""Auto Scaling API reference, "Endpoints" (2026), whose tables list the regions of ECS. A new one is a new word here."""


def unknown_region(region: str) -> str | None:
    if region in REGIONS:
        return None
    return f"`{region}` is no region of Alibaba Cloud" + did_you_mean(region, sorted(REGIONS))
