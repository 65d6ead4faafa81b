# One instance, in the application's own folder.
module Redmine
  class MultiTenancy
  end

  def self.tenant = nil
  def self.tenant? = false
  def self.root = Rails.root
end
