/** Whether two public keys are one, as OpenSSH writes them: by kind and key; a comment is no part of it. */
export const sameKey = (one: string, other: string): boolean => withoutComment(one) === withoutComment(other);

const withoutComment = (key: string): string => key.trim().split(/\s+/).slice(0, 2).join(' ');
