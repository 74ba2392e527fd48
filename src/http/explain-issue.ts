import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** One sentence about the first thing that is wrong with an input, and the field that is meant. */
export function explainIssue(issue: Issue): { sentence: string; field: string | undefined } {
  if (issue.code === 'unrecognized_keys') {
    const [field] = issue.keys;
    return { sentence: `There is no field named ${JSON.stringify(field)}: leave it out, or correct its name.`, field };
  }
  const field = issue.path.length > 0 ? issue.path.join('.') : undefined;
  const name = field ?? 'The body';
  return { sentence: `${name} ${requirement(issue)}.`, field };
}

function requirement(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined && issue.path.length > 0 && /undefined/.test(issue.message)) return 'is missing';
      if (/missing/.test(issue.message)) return 'is missing';
      if (issue.expected === 'object') return 'must be a JSON object';
      if (issue.expected === 'int') return 'must be a whole number';
      if (issue.expected === 'number') return 'must be a finite number';
      return `must be a ${issue.expected}`;
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' ? `must have at most ${issue.maximum} characters` : `must be at most ${issue.maximum}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    default:
      return 'is not valid';
  }
}
