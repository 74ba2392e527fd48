import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { formatCount } from '../format.ts';

interface FirstOnesProps<T> {
  readonly all: readonly T[];
  /** so many are shown at first */
  readonly most: number;
  /** an <li> */
  readonly children: (one: T) => ComponentChildren;
}

/** The entries of a list that may be long: the first ones, then a button that brings the others. */
export function FirstOnes<T>({ all, most, children }: FirstOnesProps<T>) {
  const isWhole = useSignal(false);
  // For one more it is not worth the press.
  const shown = isWhole.value || all.length <= most + 1 ? all : all.slice(0, most);
  return (
    <>
      {shown.map(children)}
      {shown.length < all.length && (
        <li class="rest">
          <button type="button" class="button quiet" onClick={() => (isWhole.value = true)}>
            and {formatCount(all.length - shown.length)} more
          </button>
        </li>
      )}
    </>
  );
}
