/** Which text a channel carries. */
export type TextTarget = { readonly aggregate: string; readonly id: string; readonly field: string };
