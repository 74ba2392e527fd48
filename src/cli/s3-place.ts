import { Fault } from '../domain/fault.ts';
import type { S3Place } from '../store/s3-bucket.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A bucket with the credentials of the environment, under the names that Amazon's tools read.
 * @throws {Fault} `invalid` with what is missing
 */
export function s3Place(
  { bucket, endpoint, region }: { readonly bucket: string; readonly endpoint?: string; readonly region?: string },
  env: Environment = process.env,
): S3Place {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = env;
  if (!accessKeyId || !secretAccessKey) {
    throw new Fault('invalid', 'A store on S3 needs the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.');
  }
  if (AWS_SESSION_TOKEN) {
    throw new Fault('invalid', 'AWS_SESSION_TOKEN is set: a store needs credentials that last, not those of a session.');
  }
  const where = region || env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1';
  const said = endpoint || env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  return { bucket, endpoint: said || `https://s3.${where}.amazonaws.com`, region: where, accessKeyId, secretAccessKey };
}
