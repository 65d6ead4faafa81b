/** Which variables hold secrets, judged by their names. */
const NAME_OF_SECRET =
  /(^|_)(PASS|PASSWD|PASSWORD|PASSPHRASE|PWD|SECRET|TOKEN|KEY|APIKEY|SALT)$|(PASSWORD|SECRET_KEY|_SECRET_)/
const NOT_SECRET =
  /(_FILE|_URL|_PATH|_HOST|_ID|_NAME|_LENGTH|_TTL)$|PUBLIC_KEY|ALLOW_EMPTY|RANDOM_ROOT|_EXPIR|_POLICY|_HASH$/
/** Somebody else issued these: making one up would only hide that it is missing. */
export const ISSUED_ELSEWHERE =
  /SMTP|MAIL|AWS|S3_|AZURE|GCP|GOOGLE|GITHUB|GITLAB|STRIPE|OAUTH|OIDC|CLIENT_SECRET|SLACK|TELEGRAM|DISCORD|TWILIO|LDAP|LICEN[CS]E|OPENAI|API_?KEY|API_TOKEN|ACCESS_KEY|RECAPTCHA/

export const isSecretName = (name: string) =>
  NAME_OF_SECRET.test(name.toUpperCase()) && !NOT_SECRET.test(name.toUpperCase())
