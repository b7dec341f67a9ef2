#include "plane/request.h"

#include "plane/connection.h"

namespace milena {

void Request::finish() {
  ready = true;
  if (connection != nullptr) connection->request_ready();
}

}  // namespace milena
