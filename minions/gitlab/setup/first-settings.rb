# A new GitLab lets anybody register and takes this server's own hooks address for an attack. Set once, until an
# administrator decides otherwise: a second run changes nothing.
settings = ApplicationSetting.current_without_cache || ApplicationSetting.create_from_defaults
if settings.signup_enabled && User.humans.count <= 1
  settings.update!(
    signup_enabled: false,
    outbound_local_requests_whitelist: settings.outbound_local_requests_whitelist | [ENV.fetch('HOOKS_HOST')]
  )
end
puts "first settings: registration is #{settings.reload.signup_enabled ? 'open' : 'closed'}."
