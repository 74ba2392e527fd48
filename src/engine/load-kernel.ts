import { readdir, readFile } from 'node:fs/promises';
import type { Spec } from '../domain/spec.ts';
import { type KernelModules, modulesOf } from '../kernel/kernel.ts';

// From src/ and from dist/ alike.
const KERNEL_FOLDER = new URL('../../build/kernel/', import.meta.url);

/** The compiled kernel, for openKernel. @param spec with one, only what draws it */
export async function loadKernel(spec?: Spec): Promise<KernelModules> {
  try {
    const names = spec ? modulesOf(spec) : (await readdir(KERNEL_FOLDER)).filter((file) => file.endsWith('.wasm'));
    const modules = names.map(async (name) => {
      // At once: Node does not stay alive for a compilation in the background.
      const module = new WebAssembly.Module(await readFile(new URL(name, KERNEL_FOLDER)));
      return [name.replace('.wasm', ''), module] as const;
    });
    return Object.fromEntries(await Promise.all(modules));
  } catch (cause) {
    throw new Error('The kernel is not built; `node scripts/build-kernel.mjs` builds it.', { cause });
  }
}
