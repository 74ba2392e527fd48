import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectKey } from '../../src/domain/store.ts';
import { findCloud } from '../../src/openstack/clouds.ts';
import { openService } from '../../src/openstack/service.ts';
import { openSwiftStore } from '../../src/store/swift.ts';

/* A process to be killed in the midst of a put. Arguments: key, size of a segment. The cloud is that of the environment. */

const [key, segment] = process.argv.slice(2) as [ObjectKey, string];
const segmentBytes = Number(segment);
const store = await openSwiftStore(openService(await findCloud(), 'object-store'), 'killed', {
  segments: { first: segmentBytes },
});
await store.put(
  key,
  (async function* () {
    for (;;) {
      yield new Uint8Array(segmentBytes);
      await sleep(100);
    }
  })(),
);
