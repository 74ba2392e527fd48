import { readFileSync } from 'node:fs';

/** CPU time of a process and its threads so far, milliseconds. Source: proc(5), in ticks of 1/100 s. */
export function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** The most memory that a process has had in core so far, MiB. Source: proc(5), VmHWM. */
export function peakMib(pid: number): number {
  const kib = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1024);
}
