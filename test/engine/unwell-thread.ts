import { TaskState } from '../../src/engine/task-state.ts';
import { render as draw, type RenderTask } from '../../src/engine/thread.ts';

/*
 * The thread of the engine, but for three pictures that make it go wrong as a defect in the kernel would. They are told by their iterations.
 */

export function render(task: RenderTask): ReturnType<typeof draw> {
  const illness = ILLNESSES[task.spec.iterations];
  if (!illness) return draw(task);
  new TaskState(task.state).start();
  return illness();
}

const ILLNESSES: Readonly<Record<number, () => never>> = {
  // Hears no abort.
  101: () => {
    for (;;);
  },
  // Wants more memory than it may have.
  102: () => {
    const held: number[][] = [];
    for (;;) held.push(Array.from({ length: 10_000 }, (_, i) => i + held.length));
  },
  103: () => process.exit(7),
};
