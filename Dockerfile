# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# the kind of machine that the image is for, which the builder says
ARG TARGETARCH
WORKDIR /build
COPY Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src src
RUN dotnet publish src/AkkaWasm.Service -c Release -a $TARGETARCH -o /app --no-self-contained

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
COPY config/earthquakes /mesh
# the data folder belongs to the user that the service runs as
RUN mkdir /data && chown $APP_UID /data
USER $APP_UID
VOLUME /data
EXPOSE 8642
# inside a container the service answers on loopback only, unless a token is configured: see http.host and http.token in reference.conf
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["dotnet", "/app/akkawasm.dll", "node", "health", "--data", "/data"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "/app/akkawasm.dll"]
CMD ["serve", "/mesh/mesh.conf", "--data", "/data"]
