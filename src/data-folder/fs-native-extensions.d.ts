declare module 'fs-native-extensions' {
  /** False when another open file holds the lock; it ends when this descriptor is closed, at the latest with the process. */
  export function tryLock(descriptor: number): boolean;
}
