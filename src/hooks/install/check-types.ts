/** One part as `popstash doctor` found it. */
export interface Check {
  name: string;
  state: 'ok' | 'warning' | 'broken';
  detail: string;
  /** What to do, where something is not as it should be. */
  fix?: string;
}
