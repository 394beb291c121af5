// Makes an image of a snapshot with the vendor's Node client and prints what it is told of the image.
'use strict';
const {default: Client, CreateImageRequest, CreateImageRequestTag, DescribeImagesRequest} = require('@alicloud/ecs20140526');
const {rest, run, config} = require('./settings');

const [snapshotId, imageName, value] = rest;

run(async () => {
  const client = new Client(config());
  const tag = [new CreateImageRequestTag({key: 'made by', value})];
  const made = await client.createImage(new CreateImageRequest({regionId: 'cn-hangzhou', snapshotId, imageName, tag}));
  const request = new DescribeImagesRequest({regionId: 'cn-hangzhou', imageId: made.body.imageId, status: 'Creating,Available'});
  const [image] = (await client.describeImages(request)).body.images.image;
  return {id: image.imageId, name: image.imageName, tag: image.tags.tag[0].tagValue};
});
