let uuid: string | null = null;

/** The fractal that was looked at last, until the gallery has come back to it. */
export const lastViewed = {
  note: (viewed: string): void => {
    uuid = viewed;
  },
  take: (): string | null => {
    const viewed = uuid;
    uuid = null;
    return viewed;
  },
};
