#pragma once

/// Certificates made at run time, so that no key is ever in the repository.

#include <filesystem>
#include <string>
#include <vector>

struct evp_pkey_st;
struct x509_st;

namespace music::test {

/// A directory of its own under the system's temporary directory, removed with all it holds at the end.
class temporary_directory {
 public:
  temporary_directory();
  ~temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

enum class signer { trusted_root, other_root, itself, intermediate, leaf_as_authority };

/// What a server's certificate says. Times are days from now.
struct certificate_spec {
  std::string common_name = "test";
  std::vector<std::string> dns_names{"localhost"};
  std::vector<std::string> ip_addresses{"127.0.0.1"};
  signer by = signer::trusted_root;
  int valid_from_days = -1;
  int valid_to_days = 30;
  std::string extended_key_usage = "serverAuth";
  bool sha1 = false;
  int rsa_bits = 0;  ///< 0: an elliptic-curve key (P-256), which is quick to make
  bool send_intermediate = true;
};

struct certificate_files {
  std::string certificate;
  std::string key;
};

/// Two roots, of which `trust_file` names the first; everything lies in a temporary directory. Throws std::runtime_error
/// when OpenSSL refuses.
class test_pki {
 public:
  test_pki();
  ~test_pki();
  test_pki(const test_pki&) = delete;
  test_pki& operator=(const test_pki&) = delete;

  /// The PEM bundle that makes `trusted_root` trusted: for tls_context::client and SSL_CERT_FILE.
  [[nodiscard]] const std::string& trust_file() const noexcept { return trust_file_; }
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_.path(); }

  [[nodiscard]] certificate_files issue(const certificate_spec& spec = {});

 private:
  struct authority {
    x509_st* certificate = nullptr;
    evp_pkey_st* key = nullptr;
  };

  [[nodiscard]] authority make_authority(const char* name, const authority& by, bool really);
  [[nodiscard]] const authority& authority_for(signer by) const;

  temporary_directory directory_;
  authority trusted_;
  authority other_;
  authority intermediate_;
  authority leaf_;
  std::string trust_file_;
  int issued_ = 0;
};

}  // namespace music::test
