import { readFileSync } from 'node:fs';

/** Clock ticks of Linux: a hundredth of a second. */
const TICK = 0.01;

/** Processor time and highest memory of a running process; zeros once it has ended. */
export function processNumbers(pid) {
  try {
    const [, user = 0, system = 0] = /\) (?:\S+ ){11}(\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0;
    return { processor: (Number(user) + Number(system)) * TICK, peak: Number(peak) / 1024 };
  } catch {
    return { processor: 0, peak: 0 };
  }
}
