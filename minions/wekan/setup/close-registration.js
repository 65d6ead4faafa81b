const { MONGO_INITDB_ROOT_USERNAME: user, MONGO_INITDB_ROOT_PASSWORD: password } = process.env
db.auth(user, password)
const settings = db.getSiblingDB('wekan').getCollection('settings')
settings.updateOne({}, { $set: { disableRegistration: true } }, { upsert: true })
quit(settings.findOne({}).disableRegistration === true ? 0 : 1)
