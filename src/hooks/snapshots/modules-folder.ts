/** Never looked into by a walk; git leaves an untracked one out. */
export const MODULES = 'node_modules';
