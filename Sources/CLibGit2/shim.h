#include <git2.h>
#include <git2/sys/commit.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include <git2/sys/transport.h>
#include <signal.h>
#include <sys/prctl.h>

/* git_libgit2_opts takes variable arguments, which Swift cannot call. */
static inline int git2_enable_fsync_gitdir(int enabled) {
  return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, enabled);
}

static inline int git2_set_certificate_locations(const char *file, const char *folder) {
  return git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, file, folder);
}

/* A sub-transport around another one; `parent` stands first, so that a pointer to it is one to the whole. */
typedef struct {
  git_smart_subtransport parent;
  git_smart_subtransport *inner;
  void *context;
} git2_wrapping_subtransport;

typedef struct {
  git_smart_subtransport_stream parent;
  git_smart_subtransport_stream *inner;
  void *context;
} git2_wrapping_stream;

/* prctl takes variable arguments too. A process that runs libgit2's http must not outlive who waits for it. */
static inline int git2_end_with_parent(void) {
  return prctl(PR_SET_PDEATHSIG, SIGKILL);
}
