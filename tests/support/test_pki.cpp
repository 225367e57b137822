#include "test_pki.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace music::test {
namespace {

constexpr long seconds_per_day = 24L * 3600;

struct close_file {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using file_handle = std::unique_ptr<std::FILE, close_file>;

template <class T>
T* checked(T* made, const char* what) {
  if (made == nullptr) throw std::runtime_error(std::string("OpenSSL cannot make ") + what);
  return made;
}

void check(int returned, const char* what) {
  if (returned <= 0) throw std::runtime_error(std::string("OpenSSL refuses ") + what);
}

EVP_PKEY* make_key(int rsa_bits) {
  return checked(rsa_bits == 0 ? EVP_EC_gen("P-256") : EVP_RSA_gen(static_cast<unsigned>(rsa_bits)), "a key");
}

file_handle open_file(const std::string& path, const char* mode) {
  file_handle file(std::fopen(path.c_str(), mode));
  if (!file) throw std::runtime_error("cannot write " + path);
  return file;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = checked(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), "an extension");
  check(X509_add_ext(certificate, extension, -1), "an extension");
  X509_EXTENSION_free(extension);
}

/// A version 3 certificate without extensions and without signature.
X509* make_blank(const std::string& common_name, EVP_PKEY* key, int from_days, int to_days, long serial) {
  auto* made = checked(X509_new(), "a certificate");
  check(X509_set_version(made, X509_VERSION_3), "a version");
  check(ASN1_INTEGER_set(X509_get_serialNumber(made), serial), "a serial number");
  X509_gmtime_adj(X509_getm_notBefore(made), from_days * seconds_per_day);
  X509_gmtime_adj(X509_getm_notAfter(made), to_days * seconds_per_day);
  const auto* name = reinterpret_cast<const unsigned char*>(common_name.c_str());
  check(X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC, name, -1, -1, 0), "a name");
  check(X509_set_pubkey(made, key), "a key");
  return made;
}

std::string alternative_names(const certificate_spec& spec) {
  std::string names;
  const auto add = [&names](const char* kind, const std::string& value) {
    names += (names.empty() ? "" : ",") + std::string(kind) + value;
  };
  for (const auto& name : spec.dns_names) add("DNS:", name);
  for (const auto& address : spec.ip_addresses) add("IP:", address);
  return names;
}

}  // namespace

temporary_directory::temporary_directory() {
  auto pattern = (std::filesystem::temp_directory_path() / "openclaw-music-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = pattern;
}

temporary_directory::~temporary_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

test_pki::test_pki() {
  trusted_ = make_authority("Trusted test root", {}, true);
  other_ = make_authority("Other test root", {}, true);
  intermediate_ = make_authority("Test intermediate", trusted_, true);
  leaf_ = make_authority("Not an authority", trusted_, false);
  trust_file_ = (directory_.path() / "trusted.pem").string();
  const auto file = open_file(trust_file_, "w");
  check(PEM_write_X509(file.get(), trusted_.certificate), "the trust file");
}

test_pki::~test_pki() {
  for (const auto& one : {trusted_, other_, intermediate_, leaf_}) {
    X509_free(one.certificate);
    EVP_PKEY_free(one.key);
  }
}

test_pki::authority test_pki::make_authority(const char* name, const authority& by, bool really) {
  authority made;
  made.key = make_key(0);
  made.certificate = make_blank(name, made.key, -1, 365, ++issued_);
  const auto& issuer = by.certificate == nullptr ? made : by;
  check(X509_set_issuer_name(made.certificate, X509_get_subject_name(issuer.certificate)), "an issuer");
  add_extension(made.certificate, issuer.certificate, NID_basic_constraints, really ? "critical,CA:TRUE" : "CA:FALSE");
  if (really) add_extension(made.certificate, issuer.certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(made.certificate, issuer.certificate, NID_subject_key_identifier, "hash");
  check(X509_sign(made.certificate, issuer.key, EVP_sha256()), "a signature");
  return made;
}

const test_pki::authority& test_pki::authority_for(signer by) const {
  switch (by) {
    case signer::trusted_root: return trusted_;
    case signer::other_root: return other_;
    case signer::intermediate: return intermediate_;
    case signer::leaf_as_authority: return leaf_;
    case signer::itself: break;
  }
  throw std::logic_error("a self-signed certificate has no authority");
}

certificate_files test_pki::issue(const certificate_spec& spec) {
  const authority subject{.certificate = nullptr, .key = make_key(spec.rsa_bits)};
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(subject.key, EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> made(
      make_blank(spec.common_name, key.get(), spec.valid_from_days, spec.valid_to_days, ++issued_), X509_free);
  const bool self_signed = spec.by == signer::itself;
  const authority issuer = self_signed ? authority{.certificate = made.get(), .key = key.get()} : authority_for(spec.by);
  check(X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.certificate)), "an issuer");
  add_extension(made.get(), issuer.certificate, NID_basic_constraints, "CA:FALSE");
  if (!spec.extended_key_usage.empty()) add_extension(made.get(), issuer.certificate, NID_ext_key_usage, spec.extended_key_usage);
  const auto names = alternative_names(spec);
  if (!names.empty()) add_extension(made.get(), issuer.certificate, NID_subject_alt_name, names);
  check(X509_sign(made.get(), issuer.key, spec.sha1 ? EVP_sha1() : EVP_sha256()), "a signature");

  const auto stem = (directory_.path() / ("server-" + std::to_string(issued_))).string();
  certificate_files files{.certificate = stem + ".pem", .key = stem + ".key"};
  const auto chain = open_file(files.certificate, "w");
  check(PEM_write_X509(chain.get(), made.get()), "a certificate file");
  const bool through = spec.by == signer::intermediate || spec.by == signer::leaf_as_authority;
  if (through && spec.send_intermediate) check(PEM_write_X509(chain.get(), issuer.certificate), "a chain file");
  const auto secret = open_file(files.key, "w");
  check(PEM_write_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr), "a key file");
  return files;
}

}  // namespace music::test
