/** The words of a command, or a setting, are wrong: exit status 2. The message is one line for the person who wrote them. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}
