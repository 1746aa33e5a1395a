import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { FieldIssue } from './fieldConflict.ts';

type FieldSchemas = { readonly fields: Readonly<Record<string, StandardSchemaV1>> };

/** The values as their schemas return them, and what the schemas refused. `values` holds the valid ones only. */
export type ValidatedFields = { values: Record<string, unknown>; issues: FieldIssue[] };

/**
 * Checks some fields' values against their schemas. A name without a schema is an issue.
 *
 * @throws TypeError where a schema is asynchronous: a write must be decided on one state, without waiting.
 */
export function validateFields(
  definition: FieldSchemas,
  fields: Readonly<Record<string, unknown>>,
): ValidatedFields {
  const validated: ValidatedFields = { values: {}, issues: [] };
  for (const [name, value] of Object.entries(fields)) {
    const schema = Object.hasOwn(definition.fields, name) ? definition.fields[name] : undefined;
    if (!schema) {
      validated.issues.push({ path: name, message: 'there is no such field' });
      continue;
    }
    const result = schema['~standard'].validate(value);
    if (result instanceof Promise) throw new TypeError(`the schema of '${name}' is asynchronous`);
    if (result.issues) validated.issues.push(...result.issues.map((issue) => toFieldIssue(name, issue)));
    else validated.values[name] = result.value;
  }
  return validated;
}

function toFieldIssue(name: string, issue: StandardSchemaV1.Issue): FieldIssue {
  const keys = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  return { path: [name, ...keys].join('.'), message: issue.message };
}
