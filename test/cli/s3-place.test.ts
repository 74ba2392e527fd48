import { expect, it } from 'vitest';
import { s3Place } from '../../src/cli/s3-place.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'hush' };
const PLACE = { bucket: 'pictures', accessKeyId: 'id', secretAccessKey: 'hush' };

it('a bucket is where its URL says, else where the environment says, else at Amazon', () => {
  const env = { ...KEYS, AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL: 'https://minio:9000' };
  const said = { bucket: 'pictures', endpoint: 'https://ceph', region: 'here' };
  expect(s3Place(said, env)).toEqual({ ...PLACE, endpoint: 'https://ceph', region: 'here' });
  expect(s3Place({ bucket: 'pictures' }, env)).toEqual({ ...PLACE, endpoint: 'https://minio:9000', region: 'eu-central-1' });
  const endpoint = 'https://s3.us-east-1.amazonaws.com';
  expect(s3Place({ bucket: 'pictures' }, KEYS)).toEqual({ ...PLACE, endpoint, region: 'us-east-1' });
});

it('a bucket without lasting credentials is refused, and no secret is shown', () => {
  expect(() => s3Place({ bucket: 'pictures' }, { AWS_ACCESS_KEY_ID: 'id' })).toThrow(
    /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/,
  );
  const session = () => s3Place({ bucket: 'pictures' }, { ...KEYS, AWS_SESSION_TOKEN: 'quiet' });
  expect(session).toThrow(/credentials that last/);
  expect(session).not.toThrow(/hush|quiet/);
});
