/** Of `popstash init` and `popstash uninstall`. */
export interface InitOptions {
  client?: string;
  yes?: boolean;
  undo?: boolean;
  verify?: boolean;
  measureCosts?: boolean;
  project?: boolean;
  user?: boolean;
  local?: boolean;
  ownHooks?: boolean;
  json?: boolean;
  statusline?: boolean;
}
