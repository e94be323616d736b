#include <git2.h>
#include <git2/sys/commit.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include <git2/sys/transport.h>
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of sched.h, which shows it to those only that ask for all of GNU. */
extern int clone(int (*)(void *), void *, int, void *, ...);

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

static inline int git2_move_reference_here(
    git_repository *repository, const char *name, const git_oid *target, const git_oid *old,
    const char *reason) {
  git_reference *reference = NULL;
  int status = old
    ? git_reference_create_matching(&reference, repository, name, target, 1, old, reason)
    : git_reference_create(&reference, repository, name, target, 0, reason);
  git_reference_free(reference);
  return status;
}

typedef struct {
  git_repository *repository;
  const char *name;
  const git_oid *target, *old;
  const char *reason;
  int status;
} git2_move;

/* What git2_move_reference runs in the other process. */
static int git2_move_apart(void *context) {
  git2_move *move = (git2_move *)context;
  setpgid(0, 0);
  /* Should this process have been killed while another of its threads held a lock of libgit2. */
  alarm(10);
  move->status = git2_move_reference_here(move->repository, move->name, move->target, move->old, move->reason);
  _exit(0);
}

/* Moves a reference from `old` (null: it is not there yet), in a thread that is a process of its own. A signal that ends this
   process, or its group, between the taking of the lock file and its becoming the reference would leave a lock that nobody may
   remove; the other process shares memory and files with this one, which waits for it, but not its end. A fork would have the
   locks of other threads, which nobody releases there, and with vfork libgit2 would keep numbers of files that are not open here. */
__attribute__((noinline)) static int git2_move_reference(
    git_repository *repository, const char *name, const git_oid *target, const git_oid *old,
    const char *reason) {
  enum { stackSize = 1 << 20 };
  const char *preloaded = getenv("LD_PRELOAD");
  /* valgrind ends a program that calls clone in any but three ways. */
  int isWatched = preloaded && strstr(preloaded, "vgpreload");
  void *stack = isWatched
    ? MAP_FAILED : mmap(NULL, stackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack == MAP_FAILED) return git2_move_reference_here(repository, name, target, old, reason);
  git2_move move = { repository, name, target, old, reason, GIT_ERROR };
  pid_t process = clone(
    git2_move_apart, (char *)stack + stackSize, CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_FS | SIGCHLD, &move);
  if (process < 0) {
    munmap(stack, stackSize);
    return git2_move_reference_here(repository, name, target, old, reason);
  }
  int ending = 0;
  while (waitpid(process, &ending, 0) < 0 && errno == EINTR) {}
  munmap(stack, stackSize);
  if (!WIFEXITED(ending)) git_error_set_str(GIT_ERROR_REFERENCE, "the process that moves it was killed");
  return *(volatile int *)&move.status;
}
