import type { Fractal } from '../domain/fractal.ts';

/**
 * Why a picture that was drawn must not be kept: it had another checksum before it was damaged or lost, and nobody must get other bytes under that name.
 * Null when it may be kept.
 */
export function otherBytes({ expectedChecksum, engineVersion }: Fractal, checksum: string): string | null {
  if (expectedChecksum === null || expectedChecksum === checksum) return null;
  return `The stored picture was damaged or lost, and when it was drawn again it had other bytes than those of checksum ${expectedChecksum}: a worker of engine version ${engineVersion} is not what it says. Try again to take what is drawn then.`;
}
