/** An issue of zod, in the form that the type provider hands on. */
export interface Issue {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message?: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Explanation {
  /** one sentence that a person can act on */
  readonly detail: string;
  /** the field that is meant; absent when it is the whole body */
  readonly field?: string;
}

/** What is wrong with an input, and what to change. */
export function explainIssue(issue: Issue): Explanation {
  const { keys } = issue.params;
  if (issue.keyword === 'unrecognized_keys' && Array.isArray(keys)) {
    const field = String(keys[0]);
    return { detail: `There is no field named ${JSON.stringify(field)}: leave it out, or correct its name.`, field };
  }
  const field = issue.instancePath.slice(1).replaceAll('/', '.');
  if (field === '') return { detail: `The body ${requirement(issue)}.` };
  return { detail: `${field} ${requirement(issue)}.`, field };
}

function requirement({ keyword, message = '', params }: Issue): string {
  if (/received undefined/.test(message)) return 'is missing';
  switch (keyword) {
    case 'invalid_type':
      return `must be ${TYPE_NAMES[String(params.expected)] ?? params.expected}`;
    case 'too_small':
      return params.origin === 'string'
        ? 'must not be empty'
        : `must be ${params.inclusive === false ? 'above' : 'at least'} ${params.minimum}`;
    case 'too_big':
      return params.origin === 'string' ? `must have at most ${params.maximum} characters` : `must be at most ${params.maximum}`;
    case 'invalid_value':
      return Array.isArray(params.values) ? `must be one of ${params.values.join(', ')}` : 'is not a possible value';
    default:
      // A sentence of our own schemas.
      return message.startsWith('must') ? message : 'is not valid';
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'a JSON object',
  int: 'a whole number',
  number: 'a finite number',
  string: 'text',
};
