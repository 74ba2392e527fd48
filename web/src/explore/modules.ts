import type { Spec } from '../../../src/domain/spec.ts';
import { type KernelModules, modulesOf } from '../../../src/kernel/kernel.ts';

/** Where the build put the files of build/kernel/, by their names there. */
const URLS = import.meta.glob<string>('../../../build/kernel/*.wasm', { query: '?url', import: 'default', eager: true });
const urlOf = (file: string): string | undefined => URLS[`../../../build/kernel/${file}`];

const compiling = new Map<string, Promise<WebAssembly.Module>>();

/** The compiled modules that draw a formula; compiled once, here: workers get them as they are. */
export async function loadModules(spec: Pick<Spec, 'formula' | 'power'>): Promise<KernelModules> {
  const modules = modulesOf(spec).map(async (file) => [file.replace('.wasm', ''), await compiled(file)] as const);
  return Object.fromEntries(await Promise.all(modules));
}

function compiled(file: string): Promise<WebAssembly.Module> {
  const url = urlOf(file);
  if (url === undefined) return Promise.reject(new Error(`The page was built without ${file}.`));
  const module = compiling.get(file) ?? WebAssembly.compileStreaming(fetch(url));
  compiling.set(file, module);
  // Fetched anew when it is wanted again.
  module.catch(() => compiling.delete(file));
  return module;
}
