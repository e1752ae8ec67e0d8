import type { Environment } from '../../config.js';

/** Where a user keeps settings, and where telemetry is to be sent. */
export interface TelemetryPlaces {
  /** The user's home folder. */
  home: string;
  /** Clients let their folders be moved by variables. */
  env: Environment;
  /** The receiver's address; paths of signals come after it. */
  url: string;
}

export type Fields = Readonly<Record<string, unknown>>;

interface OwnedSettings {
  /** For people. */
  title: string;
  /** Exists if the user has the client. */
  folder: string;
  path: string;
}

/** An object in a JSON file. */
export interface JsonSettings extends OwnedSettings {
  kind: 'json';
  field: string;
  values: Fields;
  /** Why the file must be left alone, from the fields that are there; null if it need not be. */
  elsewhere(present: Fields): string | null;
}

/** A table of a TOML file. */
export interface TomlSettings extends OwnedSettings {
  kind: 'toml';
  table: string;
  /** The only key, and its line. */
  key: string;
  line: string;
}

/** The settings by which a client sends its own telemetry to the receiver: the user's own, for all projects. */
export type TelemetryFile = JsonSettings | TomlSettings;
