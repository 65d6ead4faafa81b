# Before the first request is served: the account admin/admin that every Redmine starts with becomes the administrator of
# this one, and trackers, roles and the like are there. The address follows the box at every start.
Rails.application.config.after_initialize do
  next unless defined?(Rails::Server) && ActiveRecord::Base.connection.table_exists?('users')

  address = URI.parse(ENV.fetch('SITE_URL'))
  port = address.port == address.default_port ? '' : ":#{address.port}"
  { 'host_name' => "#{address.host}#{port}", 'protocol' => address.scheme }.each do |name, value|
    Setting[name] = value unless Setting[name] == value
  end

  admin = User.active.where(admin: true).order(:id).first
  if admin&.login == 'admin' && admin.last_login_on.nil? && admin.check_password?('admin')
    language = ENV.fetch('SITE_LANGUAGE')
    User.transaction do
      Redmine::DefaultData::Loader.load(language) if Redmine::DefaultData::Loader.no_data?
      Setting['app_title'] = ENV.fetch('SITE_TITLE')
      Setting['default_language'] = language
      Setting['login_required'] = '1'
      Setting['self_registration'] = '0'
      Setting['rest_api_enabled'] = '1'
      Setting['mail_from'] = ENV.fetch('SITE_MAIL_FROM')
      admin.login = ENV.fetch('SITE_ADMIN_USER')
      admin.mail = ENV.fetch('SITE_ADMIN_EMAIL')
      admin.language = language
      admin.password = admin.password_confirmation = ENV.fetch('SITE_ADMIN_PASSWORD')
      admin.must_change_passwd = false
      admin.save!
    end
  end
end
