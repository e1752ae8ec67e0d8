/**
 * A name, key or topic as it is compared: as the SQL function fold_name. Upper case first, so that letters meet that have
 * one upper case.
 */
export function foldName(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}
