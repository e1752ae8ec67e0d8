import { createHash } from 'node:crypto';
import { bare, type CanaryFamily, inText } from './canary-types.js';
import { ALNUM, BASE58, BASE64, DIGITS, type RandomText, UPPER, URL_SAFE } from './random-text.js';

const word = ({ password }: RandomText) => password();
const made = ({ generated }: RandomText) => generated();
const key40 = ({ mixed }: RandomText) => mixed(ALNUM, 40);
const inUrl = ({ mixed }: RandomText) => mixed(`${ALNUM}!$*+~._-`, 14);
const url = (text: string) => inText('url-password', text, inUrl);
const pass = (text: string, make = word) => inText('password', text, make);
const pair = ({ generated }: RandomText) => Buffer.from(`admin:${generated(12)}`).toString('base64');

const addresses: CanaryFamily = {
  name: 'addresses',
  makers: [
    ...['postgres', 'postgresql', 'mysql', 'mongodb+srv', 'redis', 'rediss', 'amqps', 'https', 'sqlserver', 'ftp'].map(
      (scheme) => url(`${scheme}://app:%s@db.internal:5432/prod?sslmode=require`),
    ),
    url('REDIS_URL=redis://:%s@cache:6379/0'),
    url('REDIS_URL=redis+sentinel://app:%s@s1:26379,s2:26379/mymaster/0'),
    inText('url-token', 'rediss+sentinel://s1:26379/mymaster?sentinel_password=%s', made),
    inText('url-password', 'app:%s@tcp(db:3306)/prod?parseTime=true', made),
    inText('url-token', 'git clone https://%s@git.internal/team/app.git', key40),
    inText('url-token', 'GET https://api.internal/v1/x?access_token=%s&page=2', key40),
    inText('url-token', 'callback token: https://x.internal/cb?token=%s', key40),
    inText('url-token', 'https://s3.internal/b/k?X-Amz-Expires=60&X-Amz-Signature=%s', ({ hex }) => `a1${hex(60)}b2`),
    inText(
      'azure-key',
      'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=%s;',
      ({ chars }) => `${chars(BASE64, 86)}==`,
    ),
    inText(
      'slack-webhook',
      'https://hooks.slack.com/services/%s',
      ({ chars }) => `T${chars(UPPER, 8)}/B${chars(UPPER, 8)}/${chars(ALNUM, 24)}`,
    ),
    inText('discord-webhook', 'https://discord.com/api/webhooks/112233445566778899/%s', ({ chars }) =>
      chars(URL_SAFE, 68),
    ),
    inText('totp-secret', 'otpauth://totp/Acme:bob?secret=%s&issuer=Acme', ({ chars }) => chars(`${UPPER}234567`, 32)),
  ],
};

const requests: CanaryFamily = {
  name: 'headers and cookies',
  makers: [
    inText('authorization', 'curl -H "Authorization: Bearer %s" https://api.internal', key40),
    inText('authorization', 'Authorization: Basic %s', pair),
    inText('authorization', "'Authorization': 'token %s'", key40),
    inText('authorization', 'proxy-authorization: Basic %s', pair),
    inText('secret-value', 'X-Api-Key: %s', key40),
    inText('secret-value', 'PRIVATE-TOKEN: %s', ({ mixed }) => mixed(ALNUM, 20)),
    inText('secret-value', 'X-Vault-Token: %s', ({ mixed }) => `s.${mixed(ALNUM, 24)}`),
    inText('secret-value', 'Ocp-Apim-Subscription-Key: %s', ({ hex }) => `a1${hex(28)}b2`),
    inText('cookie', 'Cookie: theme=dark; session=%s', key40),
    inText('cookie', 'Set-Cookie: sid=%s; HttpOnly; Path=/', key40),
    inText('cookie', 'JSESSIONID=%s', ({ chars }) => `1A${chars('0123456789ABCDEF', 30)}`),
    bare('jwt', ({ chars }) => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: chars(DIGITS, 8), iat: 1 })}.${chars(URL_SAFE, 43)}`;
    }),
  ],
};

const commands: CanaryFamily = {
  name: 'command lines',
  makers: [
    pass('mysql -u root -p%s app', made),
    pass('mysqldump --host db -p%s app > dump.sql', made),
    pass('sshpass -p %s ssh deploy@host', made),
    pass("redis-cli -h cache -p 6379 -a '%s' ping"),
    pass('docker login -u ci -p %s registry.internal', made),
    pass('mongosh "mongodb://db" -u app -p %s', made),
    pass('deploy --password=%s'),
    pass('az login --service-principal -u app --password %s', made),
    pass('ldapsearch -D cn=admin -w %s -b dc=x', made),
    pass('openssl rsa -in k.pem -passin pass:%s', made),
    pass('echo "%s" | docker login --password-stdin', made),
    inText('basic-auth', 'curl -u deploy:%s https://ci.internal/api', made),
    inText('basic-auth', "curl --user 'deploy:%s' https://ci.internal/api", word),
    inText('secret-value', 'cli login --token %s', key40),
    pass('kubectl create secret generic x --from-literal=password=%s', made),
  ],
};

const sentences: CanaryFamily = {
  name: 'sentences',
  makers: [
    pass('The password is %s, use it on staging.'),
    pass('the password for the admin user is %s'),
    pass('I changed the password to "%s" today.'),
    pass('Log in with user bob and password %s'),
    pass('password for staging: %s'),
    pass('Das Passwort ist %s und gilt ab heute.'),
    pass('Le mot de passe est %s pour la démo.'),
    pass('La contraseña es %s'),
    pass('密码是 %s'),
    pass('パスワード：%s'),
    inText('secret-value', 'The API key is %s for now.', key40),
    inText('secret-value', 'our access token for CI is `%s`', key40),
  ],
};

const pem = (label: string, newline: string) =>
  bare('private-key', ({ chars }) => {
    const body = Array.from({ length: 12 }, () => chars(BASE64, 64)).join(newline);
    return `-----BEGIN ${label}-----${newline}MII${body}${newline}-----END ${label}-----`;
  });

const blocks: CanaryFamily = {
  name: 'private keys',
  makers: [
    pem(`RSA ${'PRIVATE'} KEY`, '\n'),
    pem(`${'PRIVATE'} KEY`, '\\n'),
    pem(`OPENSSH ${'PRIVATE'} KEY`, '\r\n'),
    pem(`EC ${'PRIVATE'} KEY`, '\n    '),
    pem(`PGP ${'PRIVATE'} KEY BLOCK`, '\n'),
    pem(`ENCRYPTED ${'PRIVATE'} KEY`, '\n'),
    inText('private-key', 'client-key-data: %s', ({ chars }) =>
      Buffer.from(`-----BEGIN RSA ${'PRIVATE'} KEY-----\nMII${chars(BASE64, 600)}\n`).toString('base64'),
    ),
    inText(
      'private-key',
      'PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPrivate-Lines: 2\n%s\nPrivate-MAC: 00',
      ({ chars }) => chars(BASE64, 64),
    ),
    bare('wallet-key', ({ chars }) => encodeWif(chars)),
    inText('seed-phrase', 'mnemonic: "%s"', ({ pick }) =>
      Array.from({ length: 12 }, () =>
        pick(['abandon', 'river', 'stone', 'music', 'virus', 'zebra', 'quick', 'lemon']),
      ).join(' '),
    ),
  ],
};

/** A private key in wallet import format, with its checksum. */
function encodeWif(chars: RandomText['chars']): string {
  const body = Buffer.concat([Buffer.from([0x80]), Buffer.from(chars('0123456789abcdef', 64), 'hex')]);
  const hash = (data: Buffer) => createHash('sha256').update(data).digest();
  let number = BigInt(`0x${Buffer.concat([body, hash(hash(body)).subarray(0, 4)]).toString('hex')}`);
  let text = '';
  for (; number > 0n; number /= 58n) text = BASE58[Number(number % 58n)] + text;
  return text;
}

const others: CanaryFamily = {
  name: 'further commands and phrases',
  makers: [
    pass('gpg --batch --passphrase %s -d x.gpg', made),
    pass('java -Djavax.net.ssl.keyStorePassword=%s -jar app.jar', made),
    pass('psql "host=db user=app password=%s dbname=prod"', made),
    pass('helm upgrade app . --set db.password=%s', made),
    pass('mount -t cifs //nas/x /mnt -o username=bob,password=%s', made),
    pass('Il nostro codice segreto: la password è %s'),
    pass('A senha do banco é %s'),
    pass('wachtwoord: %s'),
    pass('creds: admin / %s'),
    pass('login is root:%s'),
    pass('pw = %s (changed on Monday)'),
    inText('secret-value', 'x-goog-api-key: %s', key40),
    inText('secret-value', 'api-token %s', key40),
    inText('authorization', 'Authorization: GenieKey %s', ({ uuid }) => uuid()),
    inText('url-password', 'smtp://mailer:%s@smtp.internal:587', made),
  ],
};

/** Written down without a look at the rules. */
const heldOut: CanaryFamily = {
  name: 'other commands and phrases',
  holdOut: true,
  makers: [
    pass('restic -r s3:x backup --password-command "echo %s"', made),
    pass('net use Z: \\\\nas\\x /user:bob %s', made),
    pass('pg_dump "postgresql://db/app?user=app&password=%s"', made),
    pass('mc alias set s3 https://s3.internal admin %s', made),
    pass('gpg --pinentry-mode loopback --passphrase="%s" -c x', word),
    pass('export RESTIC_PASSWORD="%s"', word),
    pass('Use %s as the password for now.'),
    pass('pass is %s for both'),
    pass('user: bob / pass: %s'),
    pass('Hasło to %s'),
    pass('Пароль: %s'),
    pass('пароль от базы — %s'),
    pass('비밀번호는 %s'),
    pass('şifre: %s'),
    pass('The admin account (admin/%s) still works.'),
    inText('secret-value', "here's the key: %s", key40),
    inText('secret-value', 'Use this token: %s', key40),
    inText('cookie', "requests.get(u, cookies={'sessionid': '%s'})", key40),
    inText('authorization', 'fetch(u, { headers: { authorization: "%s" } })', key40),
    inText('url-token', 'wss://live.internal/socket?auth=%s', key40),
  ],
};

export const PLACED_FAMILIES: readonly CanaryFamily[] = [
  addresses,
  requests,
  commands,
  sentences,
  blocks,
  others,
  heldOut,
];
