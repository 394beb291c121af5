// Makes an image of a snapshot with the vendor's older Node client, which signs in the query or, on POST, in a form.
'use strict';
const Core = require('@alicloud/pop-core');
const {endpoint, accessKeyId, accessKeySecret, rest, patience, run} = require('./settings');

const [method, SnapshotId, ImageName, Value] = rest;

run(async () => {
  const client = new Core({endpoint, accessKeyId, accessKeySecret, apiVersion: '2014-05-26', opts: {timeout: patience}});
  const RegionId = 'cn-hangzhou';
  const made = await client.request('CreateImage', {RegionId, SnapshotId, ImageName, Tag: [{Key: 'made by', Value}]}, {method});
  const asked = {RegionId, ImageId: made.ImageId, Status: 'Creating,Available'};
  const [image] = (await client.request('DescribeImages', asked, {method})).Images.Image;
  return {id: image.ImageId, name: image.ImageName, tag: image.Tags.Tag[0].TagValue};
});
