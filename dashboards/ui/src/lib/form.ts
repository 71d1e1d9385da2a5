/** The text of a field of a form, as it was typed; '' where there is no such field. */
export function typed(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** The same without blanks around it. */
export const trimmed = (form: FormData, name: string): string => typed(form, name).trim();
