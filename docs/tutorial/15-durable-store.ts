import { hash } from 'node:crypto';
import { findCloud, openService } from '@faafo/faafo/openstack';

await using swift = openService(await findCloud(), 'object-store');
/** One call; its body as text. */
async function call(
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  expected: number[],
  more = {},
): Promise<string> {
  const { bytes } = await swift.send({ method, path, expected, ...more });
  const pieces = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

await call('PUT', '/fractals', [201, 202]);
console.log('the container fractals is there');

await call('PUT', '/fractals/goodbye.txt', [201], { body: 'so long\n', headers: { 'x-object-meta-author': 'tutorial' } });
console.log(`in it: ${(await call('GET', '/fractals', [200])).trim()}`);
console.log(`read: ${(await call('GET', '/fractals/goodbye.txt', [200])).trim()}`);
const { headers } = await swift.send({ method: 'HEAD', path: '/fractals/goodbye.txt', expected: [200] });
console.log(`${headers['content-length']} bytes, by ${headers['x-object-meta-author']}`);
await call('DELETE', '/fractals/goodbye.txt', [204, 404]);
console.log('goodbye.txt is gone');

// A large object: segments of it, then a manifest that names them in their order, with the checksums that Swift must find.
await call('PUT', '/fractals_segments', [201, 202]);
const segments = ['so long, ', 'and thanks\n'];
const manifest = segments.map((text, i) => ({ path: `/fractals_segments/goodbye/${i}`, etag: hash('md5', text) }));
for (const [i, body] of segments.entries()) await call('PUT', manifest[i]!.path, [201], { body });
await call('PUT', '/fractals/goodbye-large.txt?multipart-manifest=put', [201], { body: JSON.stringify(manifest) });
console.log(`read, of ${segments.length} segments: ${(await call('GET', '/fractals/goodbye-large.txt', [200])).trim()}`);
await call('DELETE', '/fractals/goodbye-large.txt?multipart-manifest=delete', [200]);
console.log(`segments left: ${(await call('GET', '/fractals_segments', [200, 204])).trim() || 'none'}`);
