/** At a time: more would keep pictures waiting. */
const AT_ONCE = 4;

/**
 * Does something to each, a few at a time, and goes on behind those that fail.
 * @param onStep with how many it was done to so far
 * @returns those to which it was done
 */
export async function forEach<T>(
  each: readonly T[],
  work: (one: T) => Promise<unknown>,
  onStep: (count: number) => void,
): Promise<T[]> {
  const [waiting, did] = [[...each], [] as T[]];
  const workOff = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const worked = await work(one).then(
        () => true,
        () => false,
      );
      if (worked) did.push(one);
      onStep(did.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, workOff));
  return did;
}
