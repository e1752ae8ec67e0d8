/** A payload, or a part of one: nothing about it is known. */
export type Fields = Record<string, unknown>;

/** The value as fields; none when it is no object. */
export function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** The value when it is a text that is not empty. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The texts of a list; none when it is no list. */
export function asTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** What a tool is called with: an object, also where it comes as JSON in a text; another text is its only field. */
export function asInput(value: unknown): Fields {
  if (typeof value !== 'string') return asFields(value);
  try {
    return asFields(JSON.parse(value));
  } catch {
    return { input: value };
  }
}
