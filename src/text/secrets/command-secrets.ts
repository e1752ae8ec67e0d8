import { acceptGiven, isUsersOwnName } from './accept-assigned.js';
import { isPlaceholder, looksRandom, looksStrong } from './classify-value.js';
import type { PartRule, RuleMatch, SecretRule } from './secret-types.js';

/** Where a command line ends, and the characters of it that are read. */
const LINE_END = /[|;&]|(?<!\\)\n/;
const MAX_LINE = 400;
const WORD = '(?<secret>(?<=["\'])[^"\'\\r\\n]{4,256}(?=["\'])|[^\\s"\'`<>;|&]{4,256})';

/** Programs whose -p, -P, -a or -w takes a password. */
const PASSWORD_PROGRAMS = [
  'sshpass|mongo(?:sh|dump|restore|export|import)?|redis-cli|valkey-cli|keydb-cli|ldap(?:search|modify|add|delete|passwd|whoami)',
  'sqlcmd|bcp|isql|osql|cqlsh|cypher-shell|influx|clickhouse-client|rcon-cli|mcrcon|7z[azr]?|zip|unzip|rar|unrar|pdftk|qpdf',
  '(?:docker|podman|buildah|skopeo|crane|helm|oras|nerdctl|az|oc|cf|ibmcloud|aws-vault|bw|op|argocd|rancher|heroku|twine)\\b[^|;&]{0,80}\\blogin',
  'ansible(?:-\\w+)?|smbclient|rpcclient|crackmapexec|nxc|evil-winrm|wmic|psexec|rdesktop|vncviewer|ipmitool|snmp\\w+|imapsync|fetchmail',
].join('|');
const MYSQL = '(?:mysql|mariadb)[\\w-]*|mydumper|myloader|mysqlsh';

/** user:password behind -u: the user's own name is a default, and `docker run -u app:staff` names a group. */
function acceptUserFlag(match: RuleMatch): boolean {
  const { secret, text, start } = match;
  const user = /([\w.@%+-]{1,64}):$/.exec(text.slice(Math.max(0, start - 66), start))?.[1] ?? '';
  if (isPlaceholder(secret) || isUsersOwnName(user, secret) || /^\d+$/.test(secret)) return false;
  const line = text.slice(Math.max(0, start - 320), start);
  if (/\b(?:curl|wget|https?|xh|ab|hey|wrk|siege|httpie|lftp|ftp|jenkins-cli\.jar)\b[^|;&]{0,300}$/.test(line))
    return acceptGiven(match);
  return (
    looksRandom(secret) ||
    looksStrong(secret) ||
    (secret.length >= 8 && acceptGiven(match) && !/\b(?:docker|podman|chown|install|su|sudo|runuser|ps)\b/.test(line))
  );
}

const acceptFlag = (match: RuleMatch): boolean =>
  acceptGiven(match) && !match.secret.startsWith('-') && !/^[\w-]+=/.test(match.secret);

/** Secrets on command lines. */
export const COMMAND_SECRETS: readonly (SecretRule | PartRule)[] = [
  {
    kind: 'password',
    anchor: `-{1,2}[\\w-]{0,30}?(?:passw(?:or)?d|passphrase|pass|pwd|storepass|keypass|auth|token|secret|(?:api|access|secret|auth|private|account|license)-?key)[= ]["']?`,
    before: '(?<![\\w-])',
    rest: '(?<secret>[^\\s"\'`<>(){};,\\\\-][^\\s"\'`<>(){};,\\\\]{5,512})',
    ignoreCase: true,
    accept: acceptFlag,
  },
  {
    kind: 'password',
    anchor: `\\b(?:${MYSQL})\\b`,
    partEnd: LINE_END,
    maxPart: MAX_LINE,
    within: new RegExp(`(?<=[ \\t])-p["']?${WORD}`, 'dg'),
    accept: ({ secret }) => !isPlaceholder(secret) && !/^(?:assword|ort|lugin|rotocol|ager|rint|rompt)/.test(secret),
  },
  {
    kind: 'password',
    anchor: `\\b(?:${PASSWORD_PROGRAMS})\\b`,
    partEnd: LINE_END,
    maxPart: MAX_LINE,
    within: new RegExp(`(?<=[ \\t])-{1,2}(?:p|P|a|w|pw|pass)[ =]?["']?${WORD}`, 'dg'),
    accept: (match) =>
      acceptGiven(match) &&
      !match.secret.startsWith('-') &&
      !/^(?:ort|assword|ath|rofile|roject|ull|ll|uth|ttach)/.test(match.secret),
  },
  {
    // /p:… of FreeRDP and others of Windows
    kind: 'password',
    anchor: '\\b(?:x?freerdp\\d?|mstsc|net use|schtasks|psexec)\\b',
    partEnd: LINE_END,
    maxPart: MAX_LINE,
    within: new RegExp(`(?<=[ \\t])/(?:p|pass|password|rp):["']?${WORD}`, 'dgi'),
    accept: acceptGiven,
  },
  {
    kind: 'basic-auth',
    anchor: '(?:-u|--user|--basic|--proxy-user|-U)[= ]?["\']?[\\w.@%+-]{1,64}:',
    before: '(?<![\\w-])',
    rest: '(?<secret>(?<=["\'][\\w.@%+-]{1,64}:)[^"\'\\r\\n]{4,256}(?=["\'])|[^\\s"\'`<>:]{4,256})',
    accept: acceptUserFlag,
  },
  {
    // smbclient -U user%password
    kind: 'password',
    anchor: '-U[= ]?["\']?[\\w.\\\\/-]{1,64}%(?=\\S{4})',
    before: '(?<![\\w-])',
    rest: '(?<secret>[^\\s"\'`]{4,128})',
    accept: acceptGiven,
  },
  {
    kind: 'password',
    anchor: '\\bpass:(?=[^\\s"\']{4})',
    before: '(?<=[ \\t"\'=])',
    rest: '(?<secret>[^\\s"\'`]{4,128})',
    accept: acceptGiven,
  },
  {
    // sqlplus user/password@host, jdbc:oracle:thin:user/password@host
    kind: 'url-password',
    anchor:
      '(?:\\b(?:sqlplus|sqlcl|expdp|impdp|rman|sqlldr)[ \\t][^\\n|;&/]{0,80}?|oracle:(?:thin|oci\\d?):)["\']?[\\w$#]{1,64}/(?=[^\\s/@"\']{4,128}@)',
    before: '',
    rest: '(?<secret>[^\\s/@"\'`]{4,128})',
    accept: ({ secret }) => !isPlaceholder(secret),
  },
  {
    // echo … | docker login --password-stdin, echo user:… | chpasswd
    kind: 'password',
    anchor:
      '\\b(?:echo|printf)[ \\t]{1,4}(?:-\\w{1,2}[ \\t])?["\']?(?:[\\w.-]{1,64}:)?(?=[^\\s"\'|]{6,256}["\']?[ \\t]{0,4}\\|[ \\t]{0,4}(?:sudo[ \\t]+-\\w{0,3}S|[^\\n|;&]{0,120}(?:--password-stdin|--with-token|chpasswd|passwd)))',
    before: '',
    rest: '(?<secret>[^\\s"\'`|]{6,256})',
    accept: acceptGiven,
  },
  {
    kind: 'password',
    anchor:
      '\\b(?:htpasswd[ \\t]+-\\w{0,4}b\\w{0,4}[ \\t]+(?:[^\\s-]\\S{0,120}[ \\t]+)?\\S{1,64}|rabbitmqctl[ \\t]+(?:add_user|change_password)[ \\t]+\\S{1,64}|vault[ \\t]+login|cypher-shell[ \\t]+-u[ \\t]+\\S{1,64}|redis-cli[^\\n|;&]{0,80}[ \\t]auth|\\bAUTH|set-initial-password|useradd[^\\n|;&]{0,80}-p)[ \\t]+["\']?(?=[^\\s"\'-])',
    before: '(?<![\\w.-])',
    rest: '(?<secret>[^\\s"\'`]{5,256})',
    accept: (match) =>
      acceptGiven(match) &&
      (!/AUTH[ \t]+["']?$/.test(match.text.slice(match.from, match.start)) ||
        looksRandom(match.secret) ||
        looksStrong(match.secret)),
  },
];
