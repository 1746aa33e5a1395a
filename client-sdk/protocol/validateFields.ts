import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { FieldIssue } from './fieldConflict.ts';

type FieldSchemas = { readonly fields: Readonly<Record<string, StandardSchemaV1>> };
type FieldDefaults = FieldSchemas & { readonly initial: Readonly<Record<string, unknown>> };

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
    const result = validateValue(schema, value, name);
    if (result.ok) validated.values[name] = result.value;
    else validated.issues.push(...result.issues);
  }
  return validated;
}

/**
 * Checks the fields of a creation, with the definition's initial values in the place of those that were not given. A
 * field that has neither is an issue.
 *
 * @throws TypeError where a schema is asynchronous.
 */
export function completeFields(
  definition: FieldDefaults,
  given: Readonly<Record<string, unknown>>,
): ValidatedFields {
  const { values, issues } = validateFields(definition, given);
  const missing = Object.keys(definition.fields)
    .filter((field) => !Object.hasOwn(given, field) && !Object.hasOwn(definition.initial, field))
    .map((field) => ({ path: field, message: 'is required' }));
  return { values: { ...definition.initial, ...values }, issues: [...issues, ...missing] };
}

/** A value as its schema returns it, or what the schema refused. */
export type ValidatedValue =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issues: FieldIssue[] };

/**
 * Checks one value. `name` begins the paths of its issues; empty where the value has no name.
 *
 * @throws TypeError where the schema is asynchronous.
 */
export function validateValue(schema: StandardSchemaV1, value: unknown, name: string): ValidatedValue {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) throw new TypeError(`the schema of '${name}' is asynchronous`);
  if (!result.issues) return { ok: true, value: result.value };
  return { ok: false, issues: result.issues.map((issue) => toFieldIssue(name, issue)) };
}

function toFieldIssue(name: string, issue: StandardSchemaV1.Issue): FieldIssue {
  const keys = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  return { path: [name, ...keys].filter((key) => key !== '').join('.'), message: issue.message };
}
