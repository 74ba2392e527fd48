import { describe, expect, it } from 'vitest';
import { imageFolder, parseStorageUrl } from '../../src/cli/storage-url.ts';

describe('a storage URL', () => {
  it('names a folder, the database, a container or a bucket', () => {
    expect(parseStorageUrl('file:///srv/images')).toEqual({ kind: 'file', folder: '/srv/images' });
    expect(parseStorageUrl('database:')).toEqual({ kind: 'database' });
    expect(parseStorageUrl('swift://my%20pictures')).toEqual({ kind: 'swift', container: 'my pictures' });
    expect(parseStorageUrl('swift://pictures?cloud=old')).toEqual({ kind: 'swift', container: 'pictures', cloud: 'old' });
    expect(parseStorageUrl('s3://pictures')).toEqual({ kind: 's3', bucket: 'pictures' });
    expect(parseStorageUrl('s3://pictures?endpoint=https://s3.example.org:9000&region=eu')).toEqual({
      kind: 's3',
      bucket: 'pictures',
      endpoint: 'https://s3.example.org:9000',
      region: 'eu',
    });
  });

  it('tells which images are in files', () => {
    expect([imageFolder('file:///srv/images'), imageFolder('swift://pictures'), imageFolder('database:')]).toEqual([
      '/srv/images',
      null,
      null,
    ]);
  });
});
