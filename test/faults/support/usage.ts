import { readdirSync, readFileSync } from 'node:fs';
import { familyOf } from '../../support/servers/processes.ts';

/** Units in which /proc counts CPU time, a second; USER_HZ is the same on every Linux. */
const TICKS = 100;
const KIB = 1024;

/** CPU time that a process has used so far, in all its threads, seconds. */
export function cpuSeconds(pid: number): number {
  // The second word is the program's name in brackets and may hold anything.
  const words = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ');
  return (Number(words[11]) + Number(words[12])) / TICKS;
}

/** Memory that a process holds now, bytes. */
export function memoryBytes(pid: number): number {
  return readKib(`/proc/${pid}/status`, 'VmRSS');
}

/** Memory of all processes of a private server, bytes; what they share is counted once. */
export function serverMemoryBytes({ folder }: { readonly folder: string }): number {
  const family = new Set(processesOf(folder).flatMap(familyOf));
  return [...family].reduce((sum, pid) => sum + shareBytes(pid), 0);
}

/** Memory that a process holds, less what others hold of it, too, bytes. Shares of all who hold it make the whole. */
export function shareBytes(pid: number): number {
  return readKib(`/proc/${pid}/smaps_rollup`, 'Pss');
}

/** The processes whose command line names the folder. */
function processesOf(folder: string): number[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.map(Number).filter((pid) => pid !== process.pid && read(`/proc/${pid}/cmdline`).includes(folder));
}

function readKib(file: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(read(file))?.[1] ?? 0) * KIB;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // It is gone.
    return '';
  }
}

/** For people: `123 MiB`. */
export const inMib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
